import { connect } from 'node:net';

/**
 * Whether somebody listens on a Unix socket. Asked before a gRPC client is made: grpc-js 1.14 goes on to connect for a
 * client that was closed after a failed attempt, and keeps that connection for good.
 */
export function isListening(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(socketPath);
    socket.once('connect', () => {
      resolve(true);
      socket.destroy();
    });
    socket.once('error', () => resolve(false));
  });
}
