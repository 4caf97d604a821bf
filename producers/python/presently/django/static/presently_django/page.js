/**
 * The line of a page that has `{% presently %}` in its head. `live` is open from the first import
 * on; it is null for a visitor who gets no token.
 *
 * @module
 */

import { connect } from "../presently/index.js";

export * from "../presently/index.js";

const said = JSON.parse(document.getElementById("presently").textContent);

/** The signed-in user's id, as in `event.actor`. @type {string | null} */
export const me = said.user;

/** @param {{document?: string}} ask   the document that was refused, if one was */
async function token({ document }) {
  const query = document ? `?document=${encodeURIComponent(document)}` : "";
  const answer = await fetch(said.token + query, { cache: "no-store" });
  if (!answer.ok) throw new Error(`no token: ${answer.status} ${await answer.text()}`);
  return answer.text();
}

export const live = said.token ? connect(said.gateway, { token, name: "django" }) : null;
