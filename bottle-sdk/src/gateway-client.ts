// `bottle-sdk/gateway-client`: for the clients of a signed gateway, browsers included; it shares nothing with functions.
export { type CallOptions, GatewayClient, type GatewayClientOptions, GatewayError } from '@bottle/gateway-client';
