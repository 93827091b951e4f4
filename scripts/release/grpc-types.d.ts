// What the SDK's declarations say of gRPC's libraries. Its users have no such packages: the SDK brings its own copies, and
// no function of theirs makes or gets one of these.

export type Long = number | string | { toString(): string };

export interface MethodDefinition<Request, Response, ReceivedRequest, ReceivedResponse> {
  path: string;
  requestSerialize(value: Request): Buffer;
  requestDeserialize(bytes: Buffer): ReceivedRequest;
  responseSerialize(value: Response): Buffer;
  responseDeserialize(bytes: Buffer): ReceivedResponse;
}

export interface ServiceDefinition {
  readonly [method: string]: MethodDefinition<never, never, unknown, unknown>;
}
