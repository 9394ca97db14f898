# written by scripts/reference; run it after a change

from hpcgen import _primitives as primitives
from hpcgen import errors as errors
from hpcgen.auditing.assembling import audit as audit
from hpcgen.library import blocks as blocks
from hpcgen.library import emit as emit
from hpcgen.library import explain as explain
from hpcgen.library import plan as plan
from hpcgen.library import recipe as recipe
from hpcgen.library import split as split
from hpcgen.loading.stage import Stage as Stage

__version__: str
__all__ = ('Stage', '__version__', 'audit', 'blocks', 'emit', 'errors', 'explain', 'plan', 'primitives', 'recipe', 'split')
