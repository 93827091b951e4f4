// The other templates: each one checked, tested and used. They share the packages of the first project.
import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, credentials, loadPackageDefinition, type ServiceClientConstructor } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { checkTestTypes, PORTS, type Project, served } from './project.ts';
import type { ServedProject } from './served-project.ts';
import { run } from './shell.ts';

const JSON_BODY = { 'content-type': 'application/json' };

/** What a pod of each template is used for. */
const USES: Readonly<Record<string, (pod: ServedProject, cwd: string) => Promise<void>>> = {
  async mq(pod) {
    const order = { method: 'POST', headers: JSON_BODY, body: '{"id":"1","items":["lamp","bulb"]}' };
    await pod.answers('/orders', '202 {"accepted":"1"}', order);
    await pod.answers('/parcels/1', '200 {"items":2}');
    const { status } = await pod.get('/parcels/2');
    if (status !== 404) throw new Error(`a BottleError of the function is answered with ${status}`);
  },
  async grpc(pod, cwd) {
    await pod.says('"rpcPort":');
    const greeting = await greet(join(cwd, 'protos/greeter.proto'), `127.0.0.1:${pod.port('rpcPort')}`);
    if (greeting !== 'hello you') throw new Error(`the greeting is ${greeting}`);
  },
  async cloudevents(pod) {
    const attributes = { 'ce-specversion': '1.0', 'ce-id': 'e1', 'ce-source': '/t', 'ce-subject': '42' };
    const headers = { ...JSON_BODY, ...attributes, 'ce-type': 'com.example.order.paid' };
    const { status } = await pod.get('/events', { method: 'POST', headers, body: '{"amount":790}' });
    if (status !== 200) throw new Error(`the event is answered with ${status}`);
    await pod.answers('/payments/42', '200 {"amount":790,"eventId":"e1"}');
  },
};

/** Makes a project of each template with `create`, and goes through it. */
export async function useTemplates(
  installed: Project,
  directory: string,
  create: (template: string, name: string) => readonly string[],
): Promise<void> {
  await mkdir(directory, { recursive: true });
  for (const [template, use] of Object.entries(USES)) {
    installed.steps.heading(`template ${template}`);
    const name = `${template}-project`;
    const project = { ...installed, cwd: join(directory, name) };
    await installed.steps.step('create', () => run(create(template, name), { cwd: directory, env: installed.env }));
    await symlink(join(installed.cwd, 'node_modules'), join(project.cwd, 'node_modules'));
    await checkTestTypes(project);
    const command = project.manager.script('start', ...PORTS);
    await served('start, use', command, project, async (pod) => {
      await use(pod, project.cwd);
      return undefined;
    });
  }
}

async function greet(proto: string, address: string): Promise<string> {
  const packages = loadPackageDefinition(loadSync(proto)) as unknown as {
    greeter: { v1: { Greeter: ServiceClientConstructor } };
  };
  const { service } = packages.greeter.v1.Greeter;
  const { SayHello: method } = service;
  if (!method) throw new Error('the .proto file of the template has no SayHello');
  const client = new Client(address, credentials.createInsecure());
  try {
    return await new Promise((resolve, reject) => {
      const { path, requestSerialize, responseDeserialize } = method;
      client.makeUnaryRequest(path, requestSerialize, responseDeserialize, { name: 'you' }, (error, reply) => {
        if (error) reject(error);
        else resolve((reply as { greeting: string }).greeting);
      });
    });
  } finally {
    client.close();
  }
}
