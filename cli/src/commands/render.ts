import { existsSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { type Command, type CommandContext, parse, UsageError } from '../command.ts';
import { refuseMissing } from '../check-needs.ts';
import { configArgs, operatorFile } from '../operator-file.ts';
import { projectDirOf } from '../pod-arguments.ts';
import { type Manifest, toYamlStream } from '../render/manifest.ts';
import { parseOperatorFile } from '../render/operator-file.ts';
import { ownStateWarnings, unconfiguredWarning } from '../render/own-state.ts';
import { type ProjectPlan, readProjectPlan } from '../render/project-plan.ts';
import { withDotEnv } from '../dot-env.ts';
import { RenderProblem } from '../render/render-problem.ts';
import { type RenderOptions, type Variant, VARIANTS } from '../render/render-options.ts';
import { renderProject } from '../render/render-project.ts';
import { writeManifests } from '../render/write-manifests.ts';
import { ownVersion } from '../version.ts';

/** `bottle render`: a project's manifests for Kubernetes. */
export const render: Command = {
  summary: 'writes the Kubernetes manifests of a project',
  usage: `Usage: bottle render [dir] [options]

Writes YAML for Kubernetes to standard output: for each \`aggregation\` group of serverless.yml its pods, with what leads
to them, scales and guards them. Loads no code. docs/kubernetes.md says what each object is for.

  --out DIR                  one file for each object, and a kustomization.yaml, instead of standard output
  --variant V                deployment, knative (scale to zero) or keda (scale by topics)       (deployment)
  --config FILE              the operator's file                     (BOTTLE_CONFIG, <dir>/sidecar.yml when it exists)
  --image IMAGE              of the function container               (<service>:<version of package.json>)
  --sidecar-image IMAGE                                              (bottle-sidecar:<this version>)
  --namespace NAME           of every object                         (left to kubectl or kustomize)
  --replicas N               fewest pods of a group                  (2)
  --max-replicas N           most                                    (10, or --replicas)
  --host NAME                host of the routes; may be repeated     (every host of the Gateway)
  --gateway [NAMESPACE/]NAME the Gateway that the routes belong to   (gateway)
  --monitoring-namespace N   where Prometheus is                     (monitoring)
  --prometheus URL           for KEDA                                (http://prometheus-operated.<that>.svc:9090)
  --legacy-sidecar           two plain containers, for Kubernetes before 1.29
Exit codes: 0 done, 64 bad usage, 78 a file is wrong, or cannot be rendered.
`,
  async run(args, context) {
    const { values, positionals } = parse({
      args: [...args],
      allowPositionals: true,
      options: {
        out: { type: 'string' },
        variant: { type: 'string' },
        config: { type: 'string' },
        image: { type: 'string' },
        'sidecar-image': { type: 'string' },
        namespace: { type: 'string' },
        replicas: { type: 'string' },
        'max-replicas': { type: 'string' },
        host: { type: 'string', multiple: true },
        gateway: { type: 'string' },
        'monitoring-namespace': { type: 'string' },
        prometheus: { type: 'string' },
        'legacy-sidecar': { type: 'boolean' },
      },
    });
    const projectDir = projectDirOf(positionals, context);
    const replicas = countOf('replicas', values.replicas) ?? 2;
    const maxReplicas = countOf('max-replicas', values['max-replicas']) ?? Math.max(10, replicas);
    if (maxReplicas < replicas)
      throw new UsageError(`--max-replicas ${maxReplicas} is less than --replicas ${replicas}`);
    const monitoringNamespace = nameOf('monitoring-namespace', values['monitoring-namespace']) ?? 'monitoring';
    const given: Omit<RenderOptions, 'image'> = {
      variant: variantOf(values.variant),
      sidecarImage: values['sidecar-image'] ?? `bottle-sidecar:${ownVersion()}`,
      namespace: nameOf('namespace', values.namespace),
      replicas,
      maxReplicas,
      legacySidecar: values['legacy-sidecar'] ?? false,
      hosts: values.host ?? [],
      gateway: gatewayOf(values.gateway ?? 'gateway'),
      monitoringNamespace,
      prometheusUrl: values.prometheus ?? `http://prometheus-operated.${monitoringNamespace}.svc:9090`,
      env: context.env,
    };
    const { env } = withDotEnv(context, projectDir);
    const plan = readProjectPlan(projectDir, env);
    if (typeof plan === 'number') return plan;
    const configFile = operatorFile(values.config, projectDir, { ...context, env });
    for (const warning of plan.warnings) process.stderr.write(`warning: ${warning}\n`);
    const version = versionOf(join(projectDir, 'package.json')) ?? 'latest';
    const options: RenderOptions = { ...given, image: values.image ?? `${imageName(plan)}:${version}` };
    try {
      const operator = readOperatorFile(configFile, context);
      const refused = await refuseMissing(plan, { args: configArgs(configFile), env, validates: false });
      if (refused !== undefined) return refused;
      const warnings =
        operator.resources.length > 0
          ? ownStateWarnings(plan, operator, options)
          : [unconfiguredWarning(plan, operator)];
      for (const warning of warnings) process.stderr.write(`warning: ${warning}\n`);
      const manifests = renderProject(plan, operator, options);
      if (values.out === undefined) process.stdout.write(toYamlStream(manifests, titleOf(plan, options)));
      else await writeTo(resolve(context.cwd, values.out), manifests, context);
      return 0;
    } catch (error) {
      if (!(error instanceof RenderProblem)) throw error;
      process.stderr.write(`bottle: ${error.message}\n`);
      return RenderProblem.exitCode;
    }
  },
};

function titleOf({ service, groups, functions }: ProjectPlan, { variant }: RenderOptions): string {
  const count = (items: readonly unknown[], noun: string) => `${items.length} ${noun}${items.length === 1 ? '' : 's'}`;
  return [
    `${service} on Kubernetes: ${count(functions, 'function')} in ${count(groups, 'group')}, variant "${variant}".`,
    'Made by `bottle render` from serverless.yml and sidecar.yml: change those, and render again.',
  ].join('\n');
}

async function writeTo(directory: string, manifests: readonly Manifest[], { cwd }: CommandContext): Promise<void> {
  const names = await writeManifests(directory, manifests);
  for (const name of names) process.stderr.write(`${join(relative(cwd, directory), name)}\n`);
}

function readOperatorFile(file: string | undefined, { cwd }: CommandContext) {
  if (file === undefined) return parseOperatorFile('', 'sidecar.yml');
  const name = relative(cwd, file);
  try {
    return parseOperatorFile(readFileSync(file, 'utf8'), name);
  } catch (error) {
    if (error instanceof RenderProblem) throw error;
    throw new RenderProblem(`${name} cannot be read: ${(error as Error).message}`);
  }
}

function variantOf(text: string | undefined): Variant {
  const variant = VARIANTS.find((each) => each === (text ?? 'deployment'));
  if (!variant) throw new UsageError(`--variant is one of ${VARIANTS.join(', ')}, not "${text}"`);
  return variant;
}

function countOf(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d{0,4}$/.test(text)) throw new UsageError(`--${flag} is a whole number from 1 on, not "${text}"`);
  return Number(text);
}

function nameOf(flag: string, text: string | undefined): string | undefined {
  if (text !== undefined && !/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(text))
    throw new UsageError(`--${flag} is lower-case letters, digits and "-", not "${text}"`);
  return text;
}

function gatewayOf(text: string): RenderOptions['gateway'] {
  const [name = '', namespace, ...rest] = text.split('/').toReversed();
  if (name === '' || namespace === '' || rest.length > 0)
    throw new UsageError(`--gateway is a name, or a namespace and a name, such as "infra/public", not "${text}"`);
  return { name, namespace };
}

function imageName({ service }: ProjectPlan): string {
  return service.toLowerCase().replace(/[^a-z0-9._-]+/g, '-');
}

function versionOf(file: string): string | undefined {
  if (!existsSync(file)) return undefined;
  const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version?: unknown };
  return typeof version === 'string' ? version : undefined;
}
