import { BottleError, Code } from '@bottle/protos';

/** Over the limit of the route's bodies. */
export function bodyTooLarge(limitBytes: number): BottleError {
  const message = `the request body is larger than ${limitBytes} bytes`;
  return new BottleError(Code.INVALID_ARGUMENT, 'body-too-large', message, {
    details: { limitBytes },
    httpStatus: 413,
  });
}
