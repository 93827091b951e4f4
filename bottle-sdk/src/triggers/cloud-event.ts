/** A CloudEvent, version 1.0. Extension attributes stand beside the known ones. */
export interface CloudEvent<Data = unknown> {
  readonly specversion: string;
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject?: string;
  /** RFC 3339 */
  readonly time?: string;
  readonly datacontenttype?: string;
  readonly dataschema?: string;
  /** Parsed when it is JSON, text when it is text, a Buffer otherwise. */
  readonly data: Data;
  readonly [extension: string]: unknown;
}
