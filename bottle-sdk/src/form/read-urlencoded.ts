import type { Readable } from 'node:stream';
import { fieldText, urlencodedFields } from '@bottle/protos';
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
  for (const [name, value] of urlencodedFields(text)) {
    fields += 1;
    if (fields > Math.min(limits.maxFields, limits.maxParts)) throw formTooLarge('maxFields', limits);
    if (name.length > limits.maxFieldNameBytes) throw formTooLarge('maxFieldNameBytes', limits);
    if (value.length > limits.maxFieldBytes) throw formTooLarge('maxFieldBytes', limits);
    form.append(fieldText(name, charset), fieldText(value, charset));
  }
  return form;
}
