// Original file: bottle/v1/channel.proto

import type { Function as _bottle_v1_Function, Function__Output as _bottle_v1_Function__Output } from '../../bottle/v1/Function.ts';
import type { Cors as _bottle_v1_Cors, Cors__Output as _bottle_v1_Cors__Output } from '../../bottle/v1/Cors.ts';

/**
 * All functions of a project. Replaces whatever was announced before.
 */
export interface FunctionTable {
  /**
   * The `service` of serverless.yml.
   */
  'service'?: (string);
  /**
   * Names are unique.
   */
  'functions'?: (_bottle_v1_Function)[];
  /**
   * The .proto files behind the `rpc` triggers, with all that they import: a google.protobuf.FileDescriptorSet. Empty
   * when there are none.
   */
  'descriptors'?: (Buffer | Uint8Array | string);
  /**
   * For paths that no function answers.
   */
  'cors'?: (_bottle_v1_Cors | null);
  /**
   * What the start of the layers needs, as `uses` of a function: the pod is not ready before each was reached once.
   */
  'layerUses'?: (string)[];
}

/**
 * All functions of a project. Replaces whatever was announced before.
 */
export interface FunctionTable__Output {
  /**
   * The `service` of serverless.yml.
   */
  'service': (string);
  /**
   * Names are unique.
   */
  'functions': (_bottle_v1_Function__Output)[];
  /**
   * The .proto files behind the `rpc` triggers, with all that they import: a google.protobuf.FileDescriptorSet. Empty
   * when there are none.
   */
  'descriptors': (Buffer);
  /**
   * For paths that no function answers.
   */
  'cors': (_bottle_v1_Cors__Output | null);
  /**
   * What the start of the layers needs, as `uses` of a function: the pod is not ready before each was reached once.
   */
  'layerUses': (string)[];
}
