import { BottleError, Code } from '@bottle/protos';
import type { FormLimits } from './form-options.ts';

const WHAT: Readonly<Record<keyof FormLimits, string>> = {
  maxFields: 'fields',
  maxFiles: 'files',
  maxParts: 'parts',
  maxFieldNameBytes: 'bytes in a name',
  maxFieldBytes: 'bytes in a field',
  maxFieldsBytes: 'bytes in its fields',
  maxFileBytes: 'bytes in a file',
  maxHeaderBytes: "bytes in a part's head",
  maxBytes: 'bytes',
};

/** 413: the form has more than it may. */
export function formTooLarge(limit: keyof FormLimits, limits: FormLimits): BottleError {
  const max = limits[limit];
  const what = max === 1 ? WHAT[limit].replace(/^(\w+)s\b/, '$1') : WHAT[limit];
  const message = `a form has at most ${max} ${what} here`;
  return new BottleError(Code.INVALID_ARGUMENT, 'form-too-large', message, {
    httpStatus: 413,
    details: { limit, max },
  });
}

/** 400: the body is not what its content type says. */
export function badForm(message: string): BottleError {
  return new BottleError(Code.INVALID_ARGUMENT, 'bad-form', message);
}

/** 415: the body is something else. */
export function notAForm(contentType: string): BottleError {
  const what = contentType === '' ? 'a body without a content type' : JSON.stringify(contentType);
  const message = `a form is multipart/form-data or application/x-www-form-urlencoded, not ${what}`;
  return new BottleError(Code.INVALID_ARGUMENT, 'not-a-form', message, { httpStatus: 415 });
}

/** 503: there is no room for a file, or the directory for it cannot be written to. */
export function formStorageFailed(cause: unknown): BottleError {
  const message = 'an uploaded file cannot be stored at the moment';
  return new BottleError(Code.UNAVAILABLE, 'form-storage', message, { cause });
}
