// One plain grpc-js server with the same function: what people would write without a platform.
import { fileURLToPath } from 'node:url';
import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from '@grpc/grpc-js';
import { loadSync, type ServiceDefinition } from '@grpc/proto-loader';
import { type ReserveRequest, reserve } from '../../functions/rpc/src/stock.ts';

const PROTO = fileURLToPath(new URL('../../functions/rpc/protos/stock.proto', import.meta.url));
const OPTIONS = { keepCase: false, longs: String, enums: String, bytes: Buffer, defaults: true, oneofs: true };

const server = new Server();
server.addService(loadSync(PROTO, OPTIONS)['bench.v1.Stock'] as ServiceDefinition, {
  Reserve: (call: ServerUnaryCall<ReserveRequest, object>, callback: sendUnaryData<object>) =>
    callback(null, reserve(undefined, call.request)),
});
server.bindAsync(`127.0.0.1:${process.argv[2]}`, ServerCredentials.createInsecure(), (error) => {
  if (error) throw error;
});
