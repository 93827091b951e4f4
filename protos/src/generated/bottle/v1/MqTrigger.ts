// Original file: bottle/v1/channel.proto


/**
 * Messages that a function consumes: at least once, in order for each key.
 */
export interface MqTrigger {
  /**
   * The `mq` resource, without its capability: "orders".
   */
  'resource'?: (string);
  /**
   * Without the resource's prefix.
   */
  'topic'?: (string);
  /**
   * Consumers of one group share the messages.
   */
  'group'?: (string);
  /**
   * Most messages of one invocation. 0: one message by itself instead of a list.
   */
  'batch'?: (number);
  /**
   * Most invocations under way in this pod for this trigger; different keys only.
   */
  'concurrency'?: (number);
  /**
   * How often a message is tried before it goes to the dead-letter topic, the first time included.
   */
  'attempts'?: (number);
  /**
   * Pause before the second try, doubled each time, in milliseconds.
   */
  'backoffMs'?: (number);
  /**
   * Where messages go that were tried often enough.
   */
  'deadLetterTopic'?: (string);
  /**
   * Where a group that has never read begins: at the first message instead of behind the last.
   */
  'fromBeginning'?: (boolean);
}

/**
 * Messages that a function consumes: at least once, in order for each key.
 */
export interface MqTrigger__Output {
  /**
   * The `mq` resource, without its capability: "orders".
   */
  'resource': (string);
  /**
   * Without the resource's prefix.
   */
  'topic': (string);
  /**
   * Consumers of one group share the messages.
   */
  'group': (string);
  /**
   * Most messages of one invocation. 0: one message by itself instead of a list.
   */
  'batch': (number);
  /**
   * Most invocations under way in this pod for this trigger; different keys only.
   */
  'concurrency': (number);
  /**
   * How often a message is tried before it goes to the dead-letter topic, the first time included.
   */
  'attempts': (number);
  /**
   * Pause before the second try, doubled each time, in milliseconds.
   */
  'backoffMs': (number);
  /**
   * Where messages go that were tried often enough.
   */
  'deadLetterTopic': (string);
  /**
   * Where a group that has never read begins: at the first message instead of behind the last.
   */
  'fromBeginning': (boolean);
}
