import { dependencies } from '../../shared/contracts/dependencies'
import { faultNames, faults } from '../../shared/testing/fault-table'
import { table } from './tables.ts'

const seconds = (milliseconds: number): string => `${milliseconds / 1_000} s`

/** What the marketplace depends on, and what it does without. */
const renderDependencies = (): string =>
  table(
    ['Dependency', 'Waited for', 'Left alone', 'Without it'],
    Object.entries(dependencies).map(([name, { timeoutMs, failures, resetTimeoutMs, degraded }]) => [
      `**${name}**`,
      seconds(timeoutMs),
      `${seconds(resetTimeoutMs)} after ${failures} failures in a row`,
      degraded,
    ]),
  )

/** What becomes of whatever needs a dependency, under each fault. */
const renderFaults = (): string =>
  table(
    [
      'Needs',
      'Who does what',
      ...faultNames.map((name) => name.charAt(0).toUpperCase() + name.slice(1)),
      'Kept',
      'When it is back',
    ],
    Object.entries(faults).flatMap(([dependency, rows]) =>
      Object.entries(rows).map(([flow, { answers, kept, afterwards }]) => {
        const [worker = '', ...rest] = flow.split(' ')
        return [dependency, `${worker}: ${rest.join(' ')}`, ...faultNames.map((name) => answers[name]), kept, afterwards]
      }),
    ),
  )

/** Both tables as Markdown. */
export const renderFaultTables = (): string => `${renderDependencies()}\n\n${renderFaults()}`
