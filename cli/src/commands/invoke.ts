import { adminAuthorization, adminPortOf, PodError, reportingPodErrors } from '../admin-client.ts';
import { type Command, parse, UsageError } from '../command.ts';
import { askAlone } from '../invoke/ask-alone.ts';
import { exampleRequestOf, type InvokeRequest, invokeRequestOf } from '../invoke/invoke-request.ts';
import { isPodOf, podOwnerAt } from '../invoke/pod-owner.ts';
import { printAnswer, printExample } from '../invoke/print-answer.ts';
import { projectDirOf } from '../pod-arguments.ts';

/** `bottle invoke`: one invocation from the shell. */
export const invoke: Command = {
  summary: 'calls a function with what one of its triggers would bring, and prints its result',
  usage: `Usage: bottle invoke <function> [dir] [--data JSON] [--as KIND] [--path P] [--method M] [--query N=V] [--header N=V]
       bottle invoke <function> [dir] --example [--as KIND]

Asks the pod whose admin port answers, if it is that of the project in dir (default: here); otherwise starts one for
just this call, which opens the project's resources and runs no trigger.
  --as KIND        what the function gets; default: what its only trigger brings. A function with several needs it:
                     http        a request to one of its routes
                     rpc         a call of a gRPC method; the data is the message
                     mq          a message; the data is its value. With \`batch\` a list of messages
                     timer       a tick; the data is its payload instead of the schedule's own
                     cloudevent  an event; the data is the event, or the event's data
                     gateway     a request of the signed gateway, which nobody signed; the data is its data
                     event       what another function would pass; the data as it is
                   of several of a kind: mq:TOPIC, timer:NAME, rpc:SERVICE/METHOD, gateway:API/VERSION
  --data JSON, -d  the data; @file reads a file, - reads standard input. What --example prints is a whole event
  --form N=V, N=@FILE
                   http, gateway: a field of a form, or a file in it, instead of --data; can be repeated
  --path P         http: "/items/7", "/items?page=2"; default: that of the route, unless it has parameters
  --method M       http: default: that of the route; of several POST with data, GET without
  --query N=V      http: added to the path, encoded; can be repeated
  --header N=V     http, mq, rpc: a header, or an entry of the metadata ("N: V" is understood, too); can be repeated.
                   With another content-type than JSON, the data is sent as it is
  --example        prints an event for the function, to be edited and given back: --data @file. Nothing is called
  --timeout-ms N   lowers the function's timeout
  --admin-port N   asks the pod there, whoever's it is (BOTTLE_ADMIN_PORT, admin.port, 9901)

Examples:
  bottle invoke getItem --path /items/7 --query lang=de --header accept=application/json
  bottle invoke addItem --data '{"name":"lamp"}'
  bottle invoke bill --as mq --header tenant=a --data @order.json
  bottle invoke bill --example > event.json; bottle invoke bill --data @event.json

Only the result is on standard output. Exit codes: 0 it went well, 1 the function failed (code and reason are on standard
error) or answered with a status from 400, 64 this is no call of the function, 69 the pod went away.
`,
  async run(args, context) {
    const { values, positionals } = parse({
      args: [...args],
      allowPositionals: true,
      options: {
        data: { type: 'string', short: 'd' },
        form: { type: 'string', multiple: true },
        as: { type: 'string' },
        path: { type: 'string' },
        method: { type: 'string' },
        query: { type: 'string', multiple: true },
        header: { type: 'string', multiple: true },
        example: { type: 'boolean' },
        'timeout-ms': { type: 'string' },
        'admin-port': { type: 'string' },
      },
    });
    const { example = false, 'admin-port': portFlag, ...flags } = values;
    const [functionName, ...directories] = positionals;
    if (functionName === undefined) throw new UsageError('which function? bottle invoke <function>');
    const projectDir = projectDirOf(directories, context);
    const adminPort = adminPortOf(portFlag, context, projectDir);
    const isNamed = (portFlag ?? context.env['BOTTLE_ADMIN_PORT']) !== undefined;
    const authorization = adminAuthorization(context.env);
    const request = example ? exampleRequestOf(flags) : await invokeRequestOf(flags, context);
    const command = ['npx', 'bottle', 'invoke', ...positionals];
    const ask = async (port: number, shown: Readonly<Record<string, string>>): Promise<number> => {
      const response = await send(port, functionName, {
        ...request,
        headers: { ...request.headers, ...shown },
      });
      return example ? printExample(response, command) : printAnswer(response);
    };

    const owner = await podOwnerAt(adminPort, authorization);
    if (owner && !isNamed && !isPodOf(owner, projectDir)) {
      process.stderr.write(
        `bottle: the pod on port ${adminPort} is that of "${owner.service}"${owner.directory ? ` in ${owner.directory}` : ''}: ` +
          'not asked; --admin-port names another one\n',
      );
    }
    const isAsked = owner !== undefined && (isNamed || isPodOf(owner, projectDir));
    let exitCode = 0;
    const failed = await reportingPodErrors(async () => {
      exitCode = isAsked ? await ask(adminPort, authorization) : await askAlone(projectDir, context, ask);
    });
    return failed === 0 ? exitCode : failed;
  },
};

/** Throws PodError when nobody listens there any more. */
async function send(port: number, functionName: string, { url, headers, body }: InvokeRequest): Promise<Response> {
  const target = `http://127.0.0.1:${port}/functions/${encodeURIComponent(functionName)}/${url}`;
  const isExample = url.startsWith('example');
  try {
    return await fetch(target, {
      method: isExample ? 'GET' : 'POST',
      headers: { ...headers },
      ...(body === undefined ? {} : { body }),
    });
  } catch (error) {
    if (error instanceof TypeError) throw new PodError('the pod is gone, or takes no request of this size', 69);
    throw error;
  }
}
