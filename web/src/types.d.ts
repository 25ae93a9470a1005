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
  description?: string;
  default?: string;
  minimum?: string;
  maximum?: string;
  max_length?: number;
  choices?: string[];
}

export interface Query {
  query: string;
  /** Empty in a catalog that would be too large for a message. */
  description: string;
  parameters: Parameter[];
}

export interface Question {
  query: string;
  params: Record<string, string>;
  live: boolean;
}

export interface Complete {
  type: "complete";
  id: string;
  run: string;
  version: number;
  rows: number;
  truncated: boolean;
  elapsed_seconds: number;
  held: boolean;
  changed_at: string | null;
  live: boolean;
}

export type Message =
  | { type: "accepted"; id: string; query: string; run: string; held: boolean }
  | { type: "rows"; id: string; run: string; version: number; first_row: number; columns?: Column[]; rows: Row[] }
  | Complete
  | { type: "cancelled"; id: string }
  | { type: "error"; id: string | null; code: string; message: string; run: string | null }
  | { type: "catalog"; queries: Query[] }
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
  /** How columns are called and what they are measured in; `sum: false` where a sum says nothing. */
  columns?: Record<string, { label?: string | null; unit?: string | null; sum?: boolean | null }>;
}

export type LinkState =
  | { name: "idle" }
  /** `rare`: it was given up, and is tried only now and then. */
  | { name: "connecting"; before: boolean; attempt: number; rare: boolean }
  | { name: "open" }
  | { name: "waiting"; before: boolean; attempt: number; at: number }
  | { name: "given_up"; before: boolean }
  | { name: "signed_out"; expired: boolean };
