import { buildFerret, startFerret } from './support/ferretdb.ts'
import { answerHelp } from './support/help.ts'
import { hasRedis, startBridgedRedis } from './support/redis.ts'
import { run } from './support/run.ts'
import { steps } from './support/steps.ts'

const help = `npm run check-servers

Tries on real servers what \`npm test\` tries on the embedded engines: the conformance of the data Worker's documents and cache, the whole
journey, strangers' tries and the assistant, on FerretDB with Redis behind the bridge, and what an outage of the database does. It starts the servers itself, on free ports of
127.0.0.1, and ends them. FerretDB is built once when there is Go; what is not on this machine is skipped, and says why. The last line
is "N passed, N failed"; the exit code is 1 when anything failed.

  FERRETDB_BINARY=path   a FerretDB that is built already`

answerHelp(help)
const { step, tests, skip, total } = steps()
const e2e = ['--project', 'e2e']
const ferret = buildFerret()

if ('reason' in ferret) skip('FerretDB', ferret.reason)
else {
  const database = await startFerret(ferret.path)
  const redis = hasRedis() ? await startBridgedRedis() : undefined
  try {
    const environment = { MONGODB_URI: database.uri, FERRETDB_BINARY: ferret.path }
    await step('indexes on FerretDB', () => run('bun', ['scripts/indexes.ts'], environment))
    await tests('conformance on FerretDB', [...e2e, 'workers/data/conformance/server.e2e.ts'], environment)
    const cache = redis ? { UPSTASH_REDIS_REST_URL: redis.url, UPSTASH_REDIS_REST_TOKEN: redis.token } : {}
    const name = redis ? 'journey on FerretDB and Redis' : 'journey on FerretDB'
    await tests(name, [...e2e, 'shared/testing/e2e/main-job.e2e.ts'], { ...environment, ...cache })
    const others = ['shared/testing/e2e/isolation.e2e.ts', 'scripts/eval.e2e.ts']
    await tests('strangers and assistant on FerretDB', [...e2e, ...others], { ...environment, ...cache })
    // It starts a FerretDB of its own, to kill it.
    await tests('outage of FerretDB', [...e2e, 'scripts/outage.e2e.ts'], { FERRETDB_BINARY: ferret.path })
  } finally {
    await redis?.stop()
    await database.remove()
  }
}
if (hasRedis()) {
  const redis = await startBridgedRedis()
  const environment = { UPSTASH_REDIS_REST_URL: redis.url, UPSTASH_REDIS_REST_TOKEN: redis.token }
  await tests('conformance on Redis', ['--project', 'scripts', 'scripts/support/redis-server.test.ts'], environment)
  await redis.stop()
} else skip('Redis', 'redis-server is not installed (Debian: apt-get install redis-server); the embedded one was used')
console.log(`${total.passed} passed, ${total.failed} failed`)
process.exitCode = total.failed === 0 ? 0 : 1
