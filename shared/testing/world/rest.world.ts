import { surviveCrashes } from './crash-points'
import { rest } from './flows'

surviveCrashes('crashes in shipments and product changes', rest)
