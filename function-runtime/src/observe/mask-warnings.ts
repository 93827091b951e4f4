/** Warnings of the process are printed by Node itself, past the log: what is masked there is masked in them. */
export function maskWarnings(mask: (text: string) => string): void {
  process.prependListener('warning', (warning: Error & { detail?: unknown }) => {
    for (const name of ['message', 'stack', 'detail'] as const) {
      const text = warning[name];
      if (typeof text === 'string') Reflect.set(warning, name, mask(text)); // false when it is frozen
    }
  });
}
