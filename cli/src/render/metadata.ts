import type { PodPlan } from './pod-plan.ts';
import type { RenderOptions } from './render-options.ts';

/** By which the pods of one group are found. They never change, for a Deployment's selector cannot. */
export function selectorOf({ service, component }: Pick<PodPlan, 'service' | 'component'>): Record<string, string> {
  return { 'app.kubernetes.io/name': service, 'app.kubernetes.io/component': component };
}

export function labelsOf(pod: Pick<PodPlan, 'service' | 'component'>): Record<string, string> {
  return { ...selectorOf(pod), 'app.kubernetes.io/managed-by': 'bottle' };
}

/** Name, namespace and labels of an object. */
export function metadataOf(
  name: string,
  labels: Readonly<Record<string, string>>,
  { namespace }: Pick<RenderOptions, 'namespace'>,
): { name: string; namespace?: string; labels: Readonly<Record<string, string>> } {
  return { name, ...(namespace === undefined ? {} : { namespace }), labels };
}
