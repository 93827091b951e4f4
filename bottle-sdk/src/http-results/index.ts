// What the context of an HTTP invocation and its fake have in common: for the runtime, not for functions.
import type { FaaSHttpContext, FormRequest, SendFileOptions } from '../context.ts';
import type { FormBody } from '../form/read-form.ts';

export { type ByteRange, contentRangeOf, rangeOf } from './byte-range.ts';
export { parseCookies, serializeCookie } from './cookies.ts';
export { weakEtagOf } from './etag.ts';
export { redirect } from './redirect.ts';
export { headerLines } from './header-lines.ts';
export { evaluateConditions, type HeaderOf, isRangeWanted, type Validators } from './preconditions.ts';

export type { FileStore } from '../form/part-content.ts';
export { typeNamed } from './content-type.ts';

/** `ctx.sendFile`: loaded when it is first used. */
export async function sendFile(
  ctx: FaaSHttpContext,
  path: string,
  options: SendFileOptions,
  projectDir: string,
): Promise<void> {
  const { sendFile: send } = await import('./send-file.ts');
  await send(ctx, path, options, projectDir);
}

/** `ctx.request.form`: read once, whoever asks; the parser is loaded when it is first used. */
export function formRequest(bodyOf: () => FormBody): FormRequest {
  let form: Promise<FormData> | undefined;
  return {
    form: (options = {}) => {
      form ??= import('../form/read-form.ts').then(({ readForm }) => readForm(bodyOf(), options));
      return form;
    },
  };
}
