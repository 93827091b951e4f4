/** What becomes of a group that answers requests, or consumes events. */
export const VARIANTS = ['deployment', 'knative', 'keda'] as const;
export type Variant = (typeof VARIANTS)[number];

/** What the operator says besides sidecar.yml. */
export interface RenderOptions {
  variant: Variant;
  /** Of the function container. */
  image: string;
  sidecarImage: string;
  /** Undefined: whatever `kubectl` or kustomize says. */
  namespace: string | undefined;
  /** Fewest pods of a Deployment. */
  replicas: number;
  maxReplicas: number;
  /** Two plain containers instead of a native sidecar, for Kubernetes before 1.29. */
  legacySidecar: boolean;
  /** Host names of the routes; none: every host of the Gateway. */
  hosts: readonly string[];
  gateway: { name: string; namespace: string | undefined };
  /** Namespace of Prometheus, which alone may reach the metrics. */
  monitoringNamespace: string;
  /** For KEDA. */
  prometheusUrl: string;
  /** For KEDA, which cannot read the sidecar's environment: values of references in sidecar.yml. */
  env: Readonly<Record<string, string | undefined>>;
}
