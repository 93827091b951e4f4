import { api } from './api.ts';
import { cloudevents } from './cloudevents.ts';
import { grpc } from './grpc.ts';
import { mq } from './mq.ts';
import type { Template } from './template.ts';

/** What `bottle init --template` offers. */
export const TEMPLATES = { api, mq, grpc, cloudevents } as const satisfies Record<string, Template>;

export type TemplateName = keyof typeof TEMPLATES;

export function isTemplateName(name: string): name is TemplateName {
  return Object.hasOwn(TEMPLATES, name);
}
