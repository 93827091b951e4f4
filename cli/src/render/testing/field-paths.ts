/** A field found in an object, and where. */
export interface Field {
  path: string;
  value: unknown;
}

/**
 * The values at a path such as `containers[*].ports[*].hostPort`, where `[*]` is every item of a list. A field that is not
 * there is one value, undefined; a list that is not there has no items.
 */
export function fieldsAt(root: unknown, path: string): Field[] {
  let found: Field[] = [{ path: '', value: root }];
  for (const step of path.split('.')) {
    const name = step.replace('[*]', '');
    found = found.map((field) => ({ path: join(field.path, name), value: asRecord(field.value)[name] }));
    if (step.endsWith('[*]'))
      found = found.flatMap(({ path: list, value }) =>
        (Array.isArray(value) ? value : []).map((item: unknown, index) => ({ path: `${list}[${index}]`, value: item })),
      );
  }
  return found;
}

export function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}
