import type { Pod } from './pod.ts';

/** The first Ctrl-C or SIGTERM stops the pod in order; a second one kills it. */
export function stopOnSignals(pod: Pod, onStopping: () => void): void {
  let asked = false;
  const onSignal = (): void => {
    if (asked) {
      void pod.kill();
      return;
    }
    asked = true;
    onStopping();
    void pod.stop();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
}
