// Sign-in with any OpenID Connect provider (authorization code with PKCE), and the ticket that opens a connection.
// Tokens live in this tab's session storage and in request headers, never in an address; except that signing out
// hands an id token that the gateway does not take back to the provider, which is how it is told whose session ends.
// https://datatracker.ietf.org/doc/html/rfc7636, https://openid.net/specs/openid-connect-rpinitiated-1_0.html

import { SignedOut } from "../connection/connection.js";
import { refusal } from "./refusals.js";
import { hintOf, lifeOf, payload } from "./tokens.js";

/** @typedef {import("../types").Config} Config */
/** @typedef {{ authorization_endpoint: string, token_endpoint: string, end_session_endpoint?: string }} Endpoints */
/** @typedef {{ token: string, refresh?: string, hint?: string, expires: number, name: string }} Session `hint` is the id token */
/** @typedef {{ state: string, verifier: string, hash: string, search: string }} Journey */

const SESSION = "relay.session";
const JOURNEY = "relay.journey";
const TIMEOUT_MS = 15_000;
/** A token that ends so soon is renewed first. */
const MARGIN_MS = 30_000;
/** A renewed token that gets no answer is not to blame for so long. */
const TRUST_MS = 10 * 60_000;

/** The provider, or the way back from it, said no. */
export class SignInFailed extends Error {}

export class SignIn {
  /** @type {Session | null} */
  #session = read(SESSION);
  /** @type {Endpoints | undefined} */
  #endpoints;
  /** Whether the last token got no answer at all: a refusal without CORS headers looks like that. */
  #unanswered = false;
  /** When a token was renewed that has got no ticket yet. */
  #renewedAt = -Infinity;

  /** @param {Config} config */
  constructor(config) {
    this.config = config;
    this.oidc = config.authorization.mode === "JWT" ? config.authorization.oidc : null;
  }

  /** Who is signed in, as the provider calls them; empty without a sign-in. */
  get name() {
    return this.#session?.name ?? "";
  }

  /** Whether somebody is signed in, or nobody needs to be. */
  get ready() {
    return this.config.authorization.mode !== "JWT" || Boolean(this.#session);
  }

  /** The host where people sign in; empty without one. */
  get host() {
    const address = this.oidc?.authorization_endpoint ?? this.oidc?.issuer;
    return address && URL.canParse(address) ? new URL(address).host : "";
  }

  /** Whether the page itself can sign in. */
  get possible() {
    return Boolean(this.oidc);
  }

  /** A ticket for one connection; null where the gateway wants none. Throws SignedOut. */
  async ticket() {
    if (this.config.authorization.mode !== "JWT") return null;
    const before = this.#session;
    let response = await this.#ask(await this.#token());
    // A token that was not renewed just now may have been taken back.
    if (refused(response) && this.#session === before) response = await this.#ask(await this.#renew());
    if (refused(response)) {
      this.forget();
      throw new SignedOut();
    }
    if (!response.ok) throw new Error(`the ticket API answered ${response.status}`);
    this.#renewedAt = -Infinity;
    return String((await response.json()).ticket);
  }

  /** Goes to the provider, and remembers the question to come back to. */
  async start() {
    const oidc = this.#settings();
    const { authorization_endpoint: address } = await this.#discover();
    const journey = { state: random(), verifier: random(), hash: location.hash, search: location.search };
    sessionStorage.setItem(JOURNEY, JSON.stringify(journey));
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(journey.verifier));
    const url = new URL(address);
    const parameters = {
      ...oidc.parameters,
      response_type: "code",
      client_id: oidc.client_id,
      redirect_uri: this.#redirect(),
      scope: oidc.scope ?? "openid",
      state: journey.state,
      code_challenge: base64url(new Uint8Array(digest)),
      code_challenge_method: "S256",
    };
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
    location.assign(url);
  }

  /** Takes the code from the address when the provider has sent somebody back; the address is clean afterwards. */
  async finish() {
    const given = new URLSearchParams(location.search);
    if (!this.oidc || !given.has("state") || !(given.has("code") || given.has("error"))) return;
    /** @type {Journey | null} */
    const journey = read(JOURNEY);
    // Somebody else's link, or a sign-in that another tab began: what it says is nobody's business here.
    const ours = journey !== null && journey.state === given.get("state");
    if (ours) sessionStorage.removeItem(JOURNEY);
    history.replaceState(null, "", location.pathname + (ours ? journey.search + journey.hash : ""));
    if (!ours) {
      // Who is signed in stays so.
      if (this.#session) return;
      throw new SignInFailed("It was started in another tab or long ago. Sign in again.");
    }
    if (given.has("error")) throw new SignInFailed(refusal(given.get("error") ?? ""));
    await this.#exchange({
      grant_type: "authorization_code",
      code: String(given.get("code")),
      redirect_uri: this.#redirect(),
      code_verifier: journey.verifier,
    });
  }

  /** Forgets the tokens. */
  forget() {
    this.#session = null;
    sessionStorage.removeItem(SESSION);
  }

  /** Forgets the tokens, and goes to where the provider ends its own session, if it has told of such a place. */
  async end() {
    const hint = this.#session?.hint;
    this.forget();
    if (!this.oidc) return;
    const { end_session_endpoint: address } = await this.#discover();
    if (!address) return;
    const home = this.#redirect();
    const url = new URL(address);
    const parameters = {
      client_id: this.oidc.client_id,
      post_logout_redirect_uri: home,
      logout_uri: home, // what Cognito calls it
      ...(hint && { id_token_hint: hint }),
    };
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
    location.assign(url);
  }

  async #token() {
    const session = this.#session;
    if (!session) throw new SignedOut();
    const due = session.expires - MARGIN_MS <= Date.now();
    if (due) return this.#renew();
    const doubtful = this.#unanswered && session.refresh && performance.now() - this.#renewedAt > TRUST_MS;
    // Perhaps only the network was away: a token that cannot be renewed now may still be good.
    if (doubtful) await this.#exchangeRefresh(String(session.refresh)).catch(() => undefined);
    if (!this.#session) throw new SignedOut();
    return this.#session.token;
  }

  /** Another token for the one that is here. Throws SignedOut if the provider gives none. */
  async #renew() {
    const refresh = this.#session?.refresh;
    if (refresh) {
      try {
        await this.#exchangeRefresh(refresh);
        return /** @type {Session} */ (this.#session).token;
      } catch (error) {
        if (!(error instanceof SignInFailed)) throw error;
      }
    }
    this.forget();
    throw new SignedOut();
  }

  /** @param {string} refresh */
  async #exchangeRefresh(refresh) {
    await this.#exchange({ grant_type: "refresh_token", refresh_token: refresh });
    this.#renewedAt = performance.now();
  }

  /**
   * The ticket API's answer to a token.
   * @param {string} token
   */
  async #ask(token) {
    this.#unanswered = true;
    const response = await fetch(String(this.config.ticket_url), {
      method: "POST",
      headers: { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    this.#unanswered = false;
    return response;
  }

  /** @param {Record<string, string>} grant */
  async #exchange(grant) {
    const oidc = this.#settings();
    const session = this.#session;
    const { token_endpoint: address } = await this.#discover();
    const response = await fetch(address, {
      method: "POST",
      body: new URLSearchParams({ client_id: oidc.client_id, ...grant }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const answer = await response.json().catch(() => ({}));
    // Only these say no to this sign-in; 429, a proxy's page and the like say nothing about it.
    const refused = [400, 401, 403].includes(response.status) && answer.error;
    if (!response.ok && !refused) throw new Error(`the provider answered ${response.status}`);
    const kind = oidc.token ?? "access_token";
    const token = answer[kind];
    if (!response.ok || !token) throw new SignInFailed(refusal(String(answer.error ?? "")));
    // Somebody has signed out meanwhile.
    if (this.#session !== session) throw new SignedOut();
    const claims = answer.id_token ? payload(answer.id_token) : {};
    this.#session = {
      token,
      refresh: answer.refresh_token ?? session?.refresh,
      hint: kind === "access_token" && answer.id_token ? hintOf(answer.id_token, token) : session?.hint,
      expires: Date.now() + 1000 * lifeOf(token, Number(answer.expires_in), kind === "access_token"),
      name: String(claims.name ?? claims.email ?? claims.preferred_username ?? session?.name ?? "Signed in"),
    };
    sessionStorage.setItem(SESSION, JSON.stringify(this.#session));
  }

  /** @returns {Promise<Endpoints>} */
  async #discover() {
    const oidc = this.#settings();
    if (oidc.authorization_endpoint && oidc.token_endpoint) return /** @type {Endpoints} */ (oidc);
    if (!this.#endpoints) {
      const address = `${oidc.issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
      const response = await fetch(address, { signal: AbortSignal.timeout(TIMEOUT_MS) });
      if (!response.ok) throw new Error(`the provider answered ${response.status}`);
      this.#endpoints = /** @type {Endpoints} */ (await response.json());
    }
    return { ...this.#endpoints, ...definedOnly(oidc) };
  }

  #settings() {
    if (!this.oidc) throw new SignInFailed("This page was set up without a way to sign in.");
    return this.oidc;
  }

  #redirect() {
    return this.oidc?.redirect_uri ?? location.origin + location.pathname;
  }
}

/** @param {Response} response */
function refused({ status }) {
  return status === 401 || status === 403;
}

/** @param {import("../types").Oidc} oidc */
function definedOnly(oidc) {
  const { authorization_endpoint, token_endpoint, end_session_endpoint } = oidc;
  return {
    ...(authorization_endpoint && { authorization_endpoint }),
    ...(token_endpoint && { token_endpoint }),
    ...(end_session_endpoint && { end_session_endpoint }),
  };
}

/** @param {string} key */
function read(key) {
  try {
    return JSON.parse(sessionStorage.getItem(key) ?? "null");
  } catch {
    return null;
  }
}

function random() {
  return base64url(crypto.getRandomValues(new Uint8Array(32)));
}

/** @param {Uint8Array} bytes */
function base64url(bytes) {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

