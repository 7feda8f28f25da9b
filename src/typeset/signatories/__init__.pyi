from .answers import (
    given_answers as given_answers,
    questions_file as questions_file,
)
from .edit import (
    ImportReport as ImportReport,
    ListEdit as ListEdit,
    add as add,
    import_tables as import_tables,
    open_list as open_list,
    read_list as read_list,
    rename as rename,
    withdraw as withdraw,
    withdraw_anonymous as withdraw_anonymous,
    write_list as write_list,
)
from .import_plan import (
    Plan as Plan,
    plan_import as plan_import,
)
from .store import (
    FILES as FILES,
    INTAKE as INTAKE,
    ListState as ListState,
    read_state as read_state,
)
from .table_reader import (
    Asked as Asked,
    ImportedTable as ImportedTable,
)
