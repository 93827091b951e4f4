import type { ConfigProblem, ConfigSource } from '@bottle/config-file';

/** APIs of the signed gateway that two functions answer in one version. Works on data that is half wrong. */
export function gatewayProblems(source: ConfigSource): ConfigProblem[] {
  const owners = new Map<string, string>();
  return [...rawApis(source.data)].flatMap(({ owner, at, api, version }) => {
    const key = `${api}/${version}`;
    const other = owners.get(key);
    owners.set(key, other ?? owner);
    if (other === undefined) return [];
    const message = `${api} in version ${version} is answered by ${other} already`;
    return [{ ...source.locate(at), path: at.join('.'), message }];
  });
}

function* rawApis(data: unknown) {
  for (const [owner, spec] of Object.entries(asRecord(asRecord(data)['functions']))) {
    const events = asRecord(spec)['events'];
    for (const [index, event] of (Array.isArray(events) ? events : []).entries()) {
      const { api, version = '1.0' } = asRecord(asRecord(event)['mtop']);
      if (typeof api !== 'string' || typeof version !== 'string') continue;
      yield { owner, api, version, at: ['functions', owner, 'events', index, 'mtop', 'api'] };
    }
  }
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
