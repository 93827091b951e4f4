// Original file: bottle/v1/events.proto

import type { MqRecord as _bottle_v1_MqRecord, MqRecord__Output as _bottle_v1_MqRecord__Output } from '../../bottle/v1/MqRecord.ts';

/**
 * Messages on their way to a function. The content type of the request says what they are to it:
 * "application/vnd.bottle.message": one, the event of the invocation.
 * "application/vnd.bottle.messages": a list, which is the event of the invocation, however many there are.
 * "application/vnd.bottle.message-pack": each is the event of an invocation of its own. They begin together; their ids
 * count up from the request's. The answer comes when all have ended, or soon, and then names those that have not: each
 * of them is asked for by a further request, with `pending_of` and `pending_index` and no records.
 */
export interface MqDelivery {
  /**
   * Without the resource's prefix.
   */
  'topic'?: (string);
  /**
   * No two of one key.
   */
  'records'?: (_bottle_v1_MqRecord)[];
  /**
   * The id of the request that the message came with.
   */
  'pendingOf'?: (string);
  /**
   * Its place there, from 0.
   */
  'pendingIndex'?: (number);
}

/**
 * Messages on their way to a function. The content type of the request says what they are to it:
 * "application/vnd.bottle.message": one, the event of the invocation.
 * "application/vnd.bottle.messages": a list, which is the event of the invocation, however many there are.
 * "application/vnd.bottle.message-pack": each is the event of an invocation of its own. They begin together; their ids
 * count up from the request's. The answer comes when all have ended, or soon, and then names those that have not: each
 * of them is asked for by a further request, with `pending_of` and `pending_index` and no records.
 */
export interface MqDelivery__Output {
  /**
   * Without the resource's prefix.
   */
  'topic': (string);
  /**
   * No two of one key.
   */
  'records': (_bottle_v1_MqRecord__Output)[];
  /**
   * The id of the request that the message came with.
   */
  'pendingOf': (string);
  /**
   * Its place there, from 0.
   */
  'pendingIndex': (number);
}
