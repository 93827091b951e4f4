import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestPod } from '../harness/pod.ts';
import { ReflectingClient } from './reflecting-client.ts';

let pod: TestPod;
beforeAll(async () => {
  const started = await TestPod.start({ project: 'rpc', sidecarArgs: ['--rpc-enabled', 'true'] });
  await started.untilRpc(started.sidecar);
  pod = started;
});
afterAll(() => pod?.end());

describe.each(['v1', 'v1alpha'] as const)('a client that knows nothing but reflection %s', (version) => {
  let client: ReflectingClient;
  beforeAll(() => {
    client = new ReflectingClient(`127.0.0.1:${pod.rpcPort}`, version);
  });
  afterAll(() => client.close());

  it('lists the services', async () => {
    expect(await client.services()).toEqual([
      'depot.v1.Depot',
      'bottle.v1.Functions',
      'grpc.health.v1.Health',
      'grpc.reflection.v1.ServerReflection',
      'grpc.reflection.v1alpha.ServerReflection',
    ]);
  });
  it('gets the files of a service with all that they import, as protoc would describe them', async () => {
    const files = await client.describe('depot.v1.Depot');
    expect(files.map(({ name }) => name)).toEqual([
      'protos/depot.proto',
      'protos/shared/item.proto',
      'google/protobuf/empty.proto',
      'google/protobuf/timestamp.proto',
    ]);
    const messages = files[1]?.['messageType'] as { field: Record<string, unknown>[]; nestedType: object[] }[];
    const [item] = messages;
    expect(item?.field.find(({ name }) => name === 'per_shelf')).toMatchObject({
      jsonName: 'perShelf',
      typeName: '.depot.v1.Item.PerShelfEntry',
      label: 'LABEL_REPEATED',
    });
    expect(item?.field.find(({ name }) => name === 'note')).toMatchObject({ proto3Optional: true, oneofIndex: 1 });
    expect(item?.nestedType).toMatchObject([{ name: 'PerShelfEntry', options: { mapEntry: true } }]);
  });
  it('finds files by method, message, enum value and name, and is told what there is not', async () => {
    for (const symbol of ['depot.v1.Depot.List', 'depot.v1.FactsReply', 'bottle.v1.Functions.Invoke'])
      expect((await client.describe(symbol)).length).toBeGreaterThan(0);
    expect((await client.describe('depot.v1.COLOUR_RED'))[0]?.['name']).toBe('protos/shared/item.proto');
    const byName = await client.ask({ fileByFilename: 'google/protobuf/empty.proto' });
    expect(byName.fileDescriptorResponse?.fileDescriptorProto.length).toBe(1);
    await expect(client.describe('depot.v1.Nothing')).rejects.toThrow('5: there is no depot.v1.Nothing here');
    expect(await client.ask({ allExtensionNumbersOfType: 'depot.v1.Item' })).toMatchObject({
      allExtensionNumbersResponse: { baseTypeName: 'depot.v1.Item', extensionNumber: [] },
    });
    expect(await client.ask({})).toMatchObject({ errorResponse: { errorCode: 3 } });
  });
  it('calls what was described to it', async () => {
    // The library makes no maps of descriptors, and keeps the names of the .proto file.
    const item = {
      item_id: 'lamp',
      count: '5',
      per_shelf: [{ key: 'top', value: 2 }],
      counted_at: { seconds: '9' },
      note: 'x',
    };
    expect(await client.call('depot.v1.Depot', 'Echo', item)).toMatchObject(item);
    const list = (await client.all('depot.v1.Depot', 'List', { count: 3 })) as { item_id: string }[];
    expect(list.map(({ item_id: id }) => id)).toEqual(['0', '1', '2']);
    expect(await client.call('grpc.health.v1.Health', 'Check', { service: 'depot.v1.Depot' })).toEqual({
      status: 'SERVING',
    });
  });
});
