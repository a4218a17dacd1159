import { type Allowed, judge } from './support/advisories.ts'
import { answerHelp } from './support/help.ts'
import { run } from './support/run.ts'

const help = `npm run audit:deps

Asks the npm registry for known holes in every installed dependency (\`bun audit\`). Needs the network, so no part of \`npm test\`.
Exit code 0 when there is none, or only some that are lived with for a time (see the list in this script); 1 when there is one
to mend; 2 when the registry does not say.`

/** Holes that do not reach us, each with a day on which to look again. */
const allowed: readonly Allowed[] = []

answerHelp(help)
const { output } = await run('bun', ['audit', '--json'])
const verdict = attempt()
if (!verdict) {
  console.error(`the registry does not say whether there are holes: ${output.trim()}`)
  process.exit(2)
}
for (const line of verdict.lived) console.log(`lived with  ${line}`)
for (const url of verdict.stale) console.log(`no longer needed in the list: ${url}`)
for (const line of verdict.open) console.error(`to mend     ${line}`)
console.log(`${verdict.open.length} to mend, ${verdict.lived.length} lived with`)
process.exitCode = verdict.open.length === 0 ? 0 : 1

function attempt() {
  try {
    return judge(output.slice(Math.max(0, output.indexOf('{'))), allowed, new Date().toISOString().slice(0, 10))
  } catch {
    return undefined
  }
}
