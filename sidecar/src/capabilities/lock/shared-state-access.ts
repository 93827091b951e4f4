import type { CallFacts, LockDriver, SharedState } from '@bottle/capabilities';
import { BrokerCall } from '../broker-call.ts';
import type { Resources } from '../resources.ts';

const NOBODY = { caller: '', invocationId: '', traceparent: '', baggage: '', timeoutMs: 0 };

/** The shared state of a `lock` resource with the resource's policy around it: every call ends by its deadline. */
export function createSharedStateAccess(resources: Resources, name: string): SharedState {
  const call = <Result>(operation: string, work: (state: SharedState) => Promise<Result>): Promise<Result> => {
    const resource = resources.find('lock', name);
    const facts: CallFacts = { operation, access: 'hold', repeatable: true };
    return resource.policy.run(facts, new BrokerCall(NOBODY), async () =>
      work(((await resource.ready()) as LockDriver).shared),
    );
  };
  return {
    read: async (record) => call('read', (state) => state.read(record)),
    write: async (record, value, expected) => call('write', (state) => state.write(record, value, expected)),
    enter: async (group, member, leaseMs) => call('enter', (state) => state.enter(group, member, leaseMs)),
    leave: async (group, member) => call('leave', (state) => state.leave(group, member)),
    append: async (list, item, max) => call('append', (state) => state.append(list, item, max)),
    items: async (list) => call('items', (state) => state.items(list)),
  };
}
