import { BottleError, Code } from 'bottle-sdk';

/** "__proto__" or "prototype" as a key, however its letters are written. */
const SUSPICIOUS = /"(?:_|\\u005f){2}p|\\u|"prototype"/i;

/**
 * JSON text as a value. Refuses keys that change the prototype of whatever they are copied to ("__proto__", and
 * "prototype" of a "constructor"). Throws INVALID_ARGUMENT.
 */
export function parseJson(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw invalid(`the request body is not JSON: ${withoutText((cause as Error).message)}`);
  }
  if (SUSPICIOUS.test(text)) assertNoPrototypes(value);
  return value;
}

/** V8's sentence, without the piece of the text that it quotes: texts may hold what no log should. */
function withoutText(sentence: string): string {
  return sentence.replace(/(?:,? (?:\.\.\.)?"[^]*| token '[^]*)$/, '').replace(/^Unexpected$/, 'something unexpected');
}

/** Without recursion: the text decides how deep it is. */
function assertNoPrototypes(root: unknown): void {
  const waiting: unknown[] = [root];
  for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
    if (typeof value !== 'object' || value === null) continue;
    if (!Array.isArray(value)) {
      if (Object.hasOwn(value, '__proto__')) throw invalid('the request body has the key "__proto__"');
      const { constructor: own } = value as { constructor?: unknown };
      if (Object.hasOwn(value, 'constructor') && typeof own === 'object' && own !== null) {
        if (Object.hasOwn(own, 'prototype')) throw invalid('the request body has the key "constructor.prototype"');
      }
    }
    for (const child of Object.values(value)) if (typeof child === 'object' && child !== null) waiting.push(child);
  }
}

function invalid(message: string): BottleError {
  return new BottleError(Code.INVALID_ARGUMENT, 'invalid-json', message);
}
