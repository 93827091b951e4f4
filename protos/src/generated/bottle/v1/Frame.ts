// Original file: bottle/v1/channel.proto

import type { Request as _bottle_v1_Request, Request__Output as _bottle_v1_Request__Output } from '../../bottle/v1/Request.ts';
import type { Response as _bottle_v1_Response, Response__Output as _bottle_v1_Response__Output } from '../../bottle/v1/Response.ts';
import type { Cancel as _bottle_v1_Cancel, Cancel__Output as _bottle_v1_Cancel__Output } from '../../bottle/v1/Cancel.ts';
import type { Hello as _bottle_v1_Hello, Hello__Output as _bottle_v1_Hello__Output } from '../../bottle/v1/Hello.ts';
import type { Welcome as _bottle_v1_Welcome, Welcome__Output as _bottle_v1_Welcome__Output } from '../../bottle/v1/Welcome.ts';
import type { FunctionTable as _bottle_v1_FunctionTable, FunctionTable__Output as _bottle_v1_FunctionTable__Output } from '../../bottle/v1/FunctionTable.ts';
import type { Goodbye as _bottle_v1_Goodbye, Goodbye__Output as _bottle_v1_Goodbye__Output } from '../../bottle/v1/Goodbye.ts';
import type { Started as _bottle_v1_Started, Started__Output as _bottle_v1_Started__Output } from '../../bottle/v1/Started.ts';
import type { Over as _bottle_v1_Over, Over__Output as _bottle_v1_Over__Output } from '../../bottle/v1/Over.ts';
import type { Count as _bottle_v1_Count, Count__Output as _bottle_v1_Count__Output } from '../../bottle/v1/Count.ts';
import type { Counts as _bottle_v1_Counts, Counts__Output as _bottle_v1_Counts__Output } from '../../bottle/v1/Counts.ts';
import type { Taken as _bottle_v1_Taken, Taken__Output as _bottle_v1_Taken__Output } from '../../bottle/v1/Taken.ts';

/**
 * One step of one call, or of the session itself (id 0).
 */
export interface Frame {
  /**
   * Chosen by the caller, unique among its pending calls, never 0. The answer and a cancel repeat it.
   */
  'id'?: (number);
  /**
   * Caller → responder: starts a call.
   */
  'request'?: (_bottle_v1_Request | null);
  /**
   * Responder → caller: settles the call.
   */
  'response'?: (_bottle_v1_Response | null);
  /**
   * Caller → responder: the answer is no longer wanted. A response that is already under way is dropped. Where both name
   * the feature `places`, the call is over when the responder says so.
   */
  'cancel'?: (_bottle_v1_Cancel | null);
  /**
   * Caller → responder, first frame of a stream: what the caller speaks.
   */
  'hello'?: (_bottle_v1_Hello | null);
  /**
   * Responder → caller, first frame of a stream: what was agreed, or why nothing was.
   */
  'welcome'?: (_bottle_v1_Welcome | null);
  /**
   * Function container → sidecar: the function table replaces the one before, whole.
   */
  'table'?: (_bottle_v1_FunctionTable | null);
  /**
   * Responder → caller: no new calls, please; calls under way will still be answered.
   */
  'goodbye'?: (_bottle_v1_Goodbye | null);
  /**
   * Responder → caller: these calls have begun, and will not be answered at once. Feature `places`.
   */
  'started'?: (_bottle_v1_Started | null);
  /**
   * Responder → caller: nothing of this call runs any more; what it held is free. Follows a response that said
   * `unfinished`, and a cancel. Feature `places`.
   */
  'over'?: (_bottle_v1_Over | null);
  /**
   * Caller → responder: how many calls do you have? Feature `places`.
   */
  'count'?: (_bottle_v1_Count | null);
  /**
   * Responder → caller: so many, of all that was read before the question and answered after this frame.
   */
  'counts'?: (_bottle_v1_Counts | null);
  /**
   * Caller → responder, id 0: so much of a streamed response has been passed on. Feature `taken`.
   */
  'taken'?: (_bottle_v1_Taken | null);
  'kind'?: "request"|"response"|"cancel"|"hello"|"welcome"|"table"|"goodbye"|"started"|"over"|"count"|"counts"|"taken";
}

/**
 * One step of one call, or of the session itself (id 0).
 */
export interface Frame__Output {
  /**
   * Chosen by the caller, unique among its pending calls, never 0. The answer and a cancel repeat it.
   */
  'id': (number);
  /**
   * Caller → responder: starts a call.
   */
  'request'?: (_bottle_v1_Request__Output | null);
  /**
   * Responder → caller: settles the call.
   */
  'response'?: (_bottle_v1_Response__Output | null);
  /**
   * Caller → responder: the answer is no longer wanted. A response that is already under way is dropped. Where both name
   * the feature `places`, the call is over when the responder says so.
   */
  'cancel'?: (_bottle_v1_Cancel__Output | null);
  /**
   * Caller → responder, first frame of a stream: what the caller speaks.
   */
  'hello'?: (_bottle_v1_Hello__Output | null);
  /**
   * Responder → caller, first frame of a stream: what was agreed, or why nothing was.
   */
  'welcome'?: (_bottle_v1_Welcome__Output | null);
  /**
   * Function container → sidecar: the function table replaces the one before, whole.
   */
  'table'?: (_bottle_v1_FunctionTable__Output | null);
  /**
   * Responder → caller: no new calls, please; calls under way will still be answered.
   */
  'goodbye'?: (_bottle_v1_Goodbye__Output | null);
  /**
   * Responder → caller: these calls have begun, and will not be answered at once. Feature `places`.
   */
  'started'?: (_bottle_v1_Started__Output | null);
  /**
   * Responder → caller: nothing of this call runs any more; what it held is free. Follows a response that said
   * `unfinished`, and a cancel. Feature `places`.
   */
  'over'?: (_bottle_v1_Over__Output | null);
  /**
   * Caller → responder: how many calls do you have? Feature `places`.
   */
  'count'?: (_bottle_v1_Count__Output | null);
  /**
   * Responder → caller: so many, of all that was read before the question and answered after this frame.
   */
  'counts'?: (_bottle_v1_Counts__Output | null);
  /**
   * Caller → responder, id 0: so much of a streamed response has been passed on. Feature `taken`.
   */
  'taken'?: (_bottle_v1_Taken__Output | null);
  'kind'?: "request"|"response"|"cancel"|"hello"|"welcome"|"table"|"goodbye"|"started"|"over"|"count"|"counts"|"taken";
}
