// What the context of an HTTP invocation and its fake have in common: for the runtime, not for functions.
export { parseCookies, serializeCookie } from './cookies.ts';
export { headerLines } from './header-lines.ts';
