import { inject } from 'vitest';
import type { ServerAddresses } from '@bottle/test-servers';
import { describeDatabaseContract } from './database-contract.ts';
import { openFake, openSidecar } from './target.ts';

const url: ServerAddresses['mysqlUrl'] = inject('mysqlUrl');

describeDatabaseContract('the in-process fake', () => openFake(), { language: 'sqlite' });
describeDatabaseContract('a sidecar with SQLite', () => openSidecar(), { language: 'sqlite' });
if (url !== undefined) {
  const contract = { driver: 'mysql', url };
  describeDatabaseContract('a sidecar with MySQL', () => openSidecar({ db: { contract } }), { language: 'mysql' });
}
