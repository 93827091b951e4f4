import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { requireProgram } from './find-program.ts';
import { reportProgress } from './progress.ts';
import { runProgram } from './run-program.ts';

/** A Java program, as Maven knows it. */
export interface MavenProgram {
  /** "Kafka". */
  name: string;
  version: string;
  /** What is downloaded the first time: "46 MB". */
  size: string;
  /** "group:artifact:version", the program first. */
  artifacts: readonly string[];
}

const copyDependencies = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';

/** The directory with a program's jar files; fetches them with Maven the first time. Throws when Maven cannot. */
export async function fetchJars({ name, version, size, artifacts }: MavenProgram): Promise<string> {
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'bottle');
  const jars = join(cache, `${name.toLowerCase()}-${version}`);
  if (existsSync(jars)) return jars;

  const maven = await requireProgram('mvn');
  reportProgress(`fetching ${name} ${version} with Maven (once, ${size})`);
  await mkdir(cache, { recursive: true });
  const fetching = await mkdtemp(join(cache, 'fetching-'));
  try {
    const pomFile = join(fetching, 'pom.xml');
    const fetched = join(fetching, 'jars');
    await writeFile(pomFile, pomOf(name.toLowerCase(), artifacts));
    const args = [
      '-B',
      '-q',
      '-f',
      pomFile,
      copyDependencies,
      '-DincludeScope=runtime',
      `-DoutputDirectory=${fetched}`,
    ];
    await runProgram(maven, args, 600_000);
    await rename(fetched, jars).catch((error: unknown) => {
      // Another process fetched it in the meantime.
      if (!existsSync(jars)) throw error;
    });
  } finally {
    await rm(fetching, { recursive: true, force: true });
  }
  return jars;
}

function pomOf(name: string, artifacts: readonly string[]): string {
  const dependencies = artifacts.map((artifact) => {
    const [group = '', id = '', version = ''] = artifact.split(':');
    return `    <dependency><groupId>${group}</groupId><artifactId>${id}</artifactId><version>${version}</version></dependency>\n`;
  });
  return `<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>bottle</groupId>
  <artifactId>${name}</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
${dependencies.join('')}  </dependencies>
</project>
`;
}
