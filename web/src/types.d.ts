// What travels between the modules; the messages are described in modules/websocket_gateway/asyncapi.yaml.

export type Cell = string | number | boolean | null;
export type Row = Cell[];

export interface Column {
  name: string;
  /** Redshift's name of the type. */
  type: string;
}

export interface Parameter {
  name: string;
  type: "month" | "date" | "integer" | "number" | "text" | "choice";
  label?: string;
  description?: string;
  default?: string;
  minimum?: string;
  maximum?: string;
  max_length?: number;
  choices?: string[];
  /** A query without required parameters lists the values, in the named column. */
  values?: { query: string; column: string };
  /** Without a value, the newest one of `values` is taken. */
  latest?: boolean;
}

/** What an author says about a column. */
export interface ColumnOptions {
  label?: string | null;
  unit?: string | null;
  /** Whether adding the values up says something. */
  sum?: boolean | null;
  format?: "number" | "plain" | "percent" | null;
  decimals?: number | null;
  role?: "measure" | "name" | null;
}

export type ChartKind = "bars" | "line" | "table" | "figure";

export interface Query {
  query: string;
  label?: string;
  /** Empty in a catalog that would be too large for a message. */
  description: string;
  /** The question that opens first. */
  default?: boolean;
  chart?: ChartKind;
  columns?: Record<string, ColumnOptions>;
  /** In the author's order. */
  parameters: Parameter[];
}

export interface Question {
  query: string;
  params: Record<string, string>;
  live: boolean;
}

/** How an answer ends; it rides with the last rows. */
export interface Ending {
  rows: number;
  truncated: boolean;
  elapsed_seconds: number;
  cached: boolean;
  changed_at: string | null;
  /** When the warehouse finished the run. */
  finished_at?: string | null;
  live: boolean;
}

export interface Complete extends Ending {
  type: "complete";
  id: string;
  run: string;
  version: number;
}

export type Message =
  | { type: "accepted"; id: string; query: string; run: string; cached: boolean }
  | { type: "rows"; id: string; run: string; version: number; first_row: number; columns?: Column[]; rows: Row[]; complete?: Ending }
  | Complete
  | { type: "cancelled"; id: string }
  | { type: "error"; id: string | null; code: string; message: string; run: string | null }
  /** `fresh`: a question may ask for a new run although an answer is saved. */
  | { type: "catalog"; queries: Query[]; fresh?: boolean }
  | { type: "pong" }
  /** API Gateway's own. */
  | { type?: undefined; message: string; connectionId?: string; requestId?: string };

export interface Oidc {
  issuer: string;
  client_id: string;
  scope?: string;
  /** Which token goes to the ticket API. */
  token?: "access_token" | "id_token";
  /** Without these, the issuer's discovery document is asked. */
  authorization_endpoint?: string;
  token_endpoint?: string;
  /** Where signing out leads, so that the provider ends its own session too. */
  end_session_endpoint?: string;
  /** More for the authorization endpoint, e.g. `audience`. */
  parameters?: Record<string, string>;
  redirect_uri?: string;
}

export interface Config {
  title: string;
  /** Address of the WebSocket API, with its stage. */
  endpoint: string;
  ticket_url?: string | null;
  authorization: { mode: "JWT" | "CUSTOM" | "NONE"; oidc?: Oidc | null };
}

export type LinkState =
  | { name: "idle" }
  /** `rare`: it was given up, and is tried only now and then. */
  | { name: "connecting"; before: boolean; attempt: number; rare: boolean }
  | { name: "open" }
  | { name: "waiting"; before: boolean; attempt: number; at: number }
  | { name: "given_up"; before: boolean }
  | { name: "signed_out"; expired: boolean };
