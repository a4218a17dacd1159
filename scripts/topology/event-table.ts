import { events } from '../../shared/contracts/events'
import { table } from './tables.ts'
import type { Catalogue } from './topology-rules.ts'

/** Which Worker publishes each event and which consume it, as Markdown. */
export function renderEventTable(catalogue: Catalogue = events): string {
  const rows = Object.entries(catalogue).map(([event, { from, to }]) => [`\`${event}\``, from, to.join(', ') || 'audit alone'])
  return table(['Event', 'From', 'To'], rows)
}
