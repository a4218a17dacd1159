import { rest } from './flows'
import { surviveCrashes } from './survive'

surviveCrashes('crashes in shipments and product changes', rest)
