import type { Readable } from 'node:stream';
import { decodeText, percentDecoded } from './charset.ts';
import { formTooLarge } from './form-errors.ts';
import type { FormLimits } from './form-options.ts';

/** Reads application/x-www-form-urlencoded; all of it counts as the values of fields. Rejects with 413, and as its source. */
export async function readUrlencoded(source: Readable, charset: string, limits: FormLimits): Promise<FormData> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of source as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limits.maxBytes) throw formTooLarge('maxBytes', limits);
    if (size > limits.maxFieldsBytes) throw formTooLarge('maxFieldsBytes', limits);
    chunks.push(chunk);
  }
  return parseUrlencoded(Buffer.concat(chunks).toString('latin1'), charset, limits);
}

/** `text` has a character for each byte. */
function parseUrlencoded(text: string, charset: string, limits: FormLimits): FormData {
  const form = new FormData();
  let fields = 0;
  for (let start = 0; start < text.length; ) {
    const ampersand = text.indexOf('&', start);
    const end = ampersand === -1 ? text.length : ampersand;
    const field = text.slice(start, end);
    start = end + 1;
    if (field === '') continue;
    fields += 1;
    if (fields > Math.min(limits.maxFields, limits.maxParts)) throw formTooLarge('maxFields', limits);
    const equals = field.indexOf('=');
    const name = percentDecoded(plain(equals === -1 ? field : field.slice(0, equals)));
    const value = percentDecoded(equals === -1 ? '' : plain(field.slice(equals + 1)));
    if (name.length > limits.maxFieldNameBytes) throw formTooLarge('maxFieldNameBytes', limits);
    if (value.length > limits.maxFieldBytes) throw formTooLarge('maxFieldBytes', limits);
    form.append(decodeText(name, charset), decodeText(value, charset));
  }
  return form;
}

function plain(text: string): string {
  return text.replaceAll('+', ' ');
}
