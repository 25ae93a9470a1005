// Why a provider did not let somebody in, in the page's own words: a link can carry any text as the provider's.
// https://datatracker.ietf.org/doc/html/rfc6749#section-4.1.2.1, https://openid.net/specs/openid-connect-core-1_0.html#AuthError

/** @type {Record<string, string>} */
const WORDS = {
  access_denied: "The sign-in was canceled, or you have no access. Ask whoever runs this page for access.",
  login_required: "You are not signed in there any more. Sign in again.",
  interaction_required: "The provider needs you to answer something. Sign in again.",
  consent_required: "The provider needs your consent. Sign in again and allow it.",
  account_selection_required: "Choose which account to use. Sign in again.",
  temporarily_unavailable: "The provider is too busy. Try again in a few minutes.",
  server_error: "The provider had a problem. Try again in a few minutes.",
  invalid_grant: "The sign-in took too long or was used before. Sign in again.",
  invalid_request: "The provider does not accept this page. Its settings need a look: invalid_request.",
  invalid_client: "The provider does not know this page. Its settings need a look: invalid_client.",
  invalid_scope: "The provider does not know what this page asks for. Its settings need a look: invalid_scope.",
  unauthorized_client: "The provider does not let this page sign people in. Its settings need a look: unauthorized_client.",
  unsupported_response_type: "The provider does not let this page sign people in. Its settings need a look: unsupported_response_type.",
};

/** @param {string} code `error` of OAuth 2.0 */
export function refusal(code) {
  return Object.hasOwn(WORDS, code) ? WORDS[code] : "The provider refused it without a reason that this page knows.";
}
