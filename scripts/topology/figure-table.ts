import { figures } from '../../workers/seller-dashboard/figures'
import { table } from './tables.ts'

/** What each figure of a dashboard means, as Markdown. */
export const renderFigures = (): string =>
  table(
    ['Figure', 'Unit', 'From', 'Formula'],
    figures.map(({ name, unit, events, formula }) => [
      `\`${name}\``,
      unit,
      events.map((event) => `\`${event}\``).join(', '),
      formula.replaceAll('|', '\\|'),
    ]),
  )
