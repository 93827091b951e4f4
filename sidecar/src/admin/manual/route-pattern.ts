/** One parameter of a route: ":id", ":id(\\d+)", ":id?" at the end. */
const PARAMETER = /:(?<name>[^/:().?*-]+)(?<pattern>\((?:[^()]|\([^()]*\))*\))?(?<optional>\?$)?/g;
/** Two colons are one of the path's own. */
const COLON = '\u0000';

/** A parameter that a path must have a value for. */
export interface RequiredParameter {
  name: string;
  /** Undefined: any text without a slash. */
  pattern: RegExp | undefined;
}

/** The parameters of a route's path without which it is none. */
export function requiredParameters(route: string): RequiredParameter[] {
  return [...route.replaceAll('::', COLON).matchAll(PARAMETER)].flatMap(({ groups }) => {
    const { name = '', pattern, optional } = groups ?? {};
    if (optional !== undefined) return [];
    return [{ name, pattern: pattern === undefined ? undefined : new RegExp(`^${pattern}$`) }];
  });
}

/** A path of the route: parameters as given, without the optional one, and with nothing for a wildcard. */
export function fillRoute(route: string, valueOf: (parameter: string) => string): string {
  const path = route
    .replaceAll('::', COLON)
    .replace(/\*$/, '')
    .replace(PARAMETER, (...found) => {
      const { name, optional } = found.at(-1) as { name: string; optional?: string };
      return optional === undefined ? encodeURIComponent(valueOf(name)) : '';
    });
  const whole = path.replaceAll(COLON, ':');
  return route.endsWith('?') && whole.length > 1 ? whole.replace(/\/$/, '') : whole;
}

/** What people put into parameters. */
const VALUES = ['1', 'example', 'a', 'A', 'en', 'abc', '2026', '2026-01-31', '123456', 'a1b2c3d4', '0.1', 'EN'];
const UUID = '00000000-0000-4000-8000-000000000001';

/** Values that may do for a parameter, the likeliest first; none: its pattern asks for something else. */
export function exampleValues({ pattern }: RequiredParameter): string[] {
  const alternatives = pattern?.source.replaceAll(/[()^$]/g, '').split('|') ?? [];
  return [...VALUES, UUID, ...alternatives].filter((value) => pattern?.test(value) ?? true);
}
