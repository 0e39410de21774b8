import type { HttpRequest } from './http.js';

/** A POST of JSON. */
export const jsonPost = (url: string, body: string): HttpRequest => ({
  url,
  headers: { 'content-type': 'application/json; charset=utf-8', 'user-agent': 'fleet' },
  body,
});
