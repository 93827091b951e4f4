import { AdminClient, reportingPodErrors } from '../admin-client.ts';
import { alignedTable } from '../aligned-table.ts';
import { type Command, parse } from '../command.ts';

/** A resource as GET /resources of the admin port describes it. */
interface ResourceStatus {
  id: string;
  driver: string;
  state: string;
  problem?: string;
  warning?: string;
  breaker: string;
  inFlight: number;
  latencyMs: number | null;
}

/** `bottle resources`: what functions may use by name, and how it does. */
export const resources: Command = {
  summary: 'shows what functions may use by name: driver, state, latency',
  usage: `Usage: bottle resources [--json] [--admin-port N]

Asks the running pod. Each resource is pinged: the latency is one round trip to whatever its driver talks to.
  --json           as JSON
  --admin-port N   (BOTTLE_ADMIN_PORT, admin.port, 9901)
Exit codes: 0 done, 69 no pod answers.
`,
  async run(args, context) {
    const { values } = parse({
      args: [...args],
      options: { json: { type: 'boolean' }, 'admin-port': { type: 'string' } },
    });
    const pod = new AdminClient(values['admin-port'], context);
    return await reportingPodErrors(async () => {
      const { resources: all } = await pod.ask<{ resources: ResourceStatus[] }>({ path: ['resources'] });
      process.stdout.write(values.json ? `${JSON.stringify(all, null, 2)}\n` : describe(all));
    });
  },
};

function describe(all: readonly ResourceStatus[]): string {
  if (all.length === 0)
    return 'No resources yet: sidecar.yml names none. Embedded drivers serve every name, from its first use on.\n';
  const rows = all.map(({ id, driver, state, problem, warning, breaker, inFlight, latencyMs }) => [
    id,
    driver,
    state,
    breaker,
    String(inFlight),
    latencyMs === null ? '-' : `${latencyMs} ms`,
    problem ?? warning ?? '',
  ]);
  return alignedTable([['RESOURCE', 'DRIVER', 'STATE', 'BREAKER', 'IN FLIGHT', 'LATENCY', ''], ...rows]);
}
