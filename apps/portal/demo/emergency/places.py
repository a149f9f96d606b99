"""Where the demo's patients were treated: code and short name, as tabs show it."""

PEILING = ("1101010021", "培靈醫院")
TAIPEI = ("0131060029", "部臺北")
NTUH = ("0401180014", "臺大醫院")
VGH = ("0601160016", "臺北榮總")
CLINIC = ("3501050011", "仁安診所")
MIND = ("3501050020", "心晴診所")
DENTIST = ("3701050015", "安馨牙醫")
HERBS = ("3801050013", "百草中醫")
PHARMACY = ("5901012345", "健全藥局")
OTHER_PHARMACY = ("5931020017", "安心藥局")
