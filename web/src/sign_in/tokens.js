// What the page reads of a token: how long it is good, whom it names, whom it is for. Whether it is good is for the gateway to say.

/** Seconds, where neither the token nor the provider says how long it is good. */
const DEFAULT_LIFE = 3600;

/**
 * An id token for the provider's own address, unless it could open the gateway, which may take it for the same audience.
 * @param {string} idToken
 * @param {string} accessToken
 */
export function hintOf(idToken, accessToken) {
  const [mine, theirs] = [payload(idToken), payload(accessToken)];
  const audience = theirs.aud ?? theirs.client_id;
  const same = [audience].flat().some((one) => [mine.aud].flat().includes(one));
  return audience && !same ? idToken : undefined;
}

/**
 * Seconds from now to a token's end. The browser's clock may be wrong, so the token's own times are compared.
 * @param {string} token
 * @param {number} told expires_in of the answer, which is about the access token
 * @param {boolean} access
 */
export function lifeOf(token, told, access) {
  const { exp, iat } = payload(token);
  const own = Number(exp) - Number(iat ?? Date.now() / 1000);
  if (!(own > 0)) return told > 0 ? told : DEFAULT_LIFE;
  // Some providers date iat back, which makes a token look longer.
  return access && told > 0 ? Math.min(own, told) : own;
}

/**
 * The claims of a token, to show a name and to renew it in time. Whether it is good is for the gateway to say.
 * @param {string} token
 * @returns {Record<string, unknown>}
 */
export function payload(token) {
  try {
    const text = atob(token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/"));
    return JSON.parse(new TextDecoder().decode(Uint8Array.from(text, (letter) => letter.charCodeAt(0)))) ?? {};
  } catch {
    return {};
  }
}
