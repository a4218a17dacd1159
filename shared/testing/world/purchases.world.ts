import { surviveCrashes } from './crash-points'
import { purchases } from './flows'

surviveCrashes('crashes in purchases', purchases)
