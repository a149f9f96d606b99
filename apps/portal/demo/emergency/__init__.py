"""A day in the emergency room: three patients whose records fill all eleven tabs, one without any.

Everything is made up. Codes of departments, frequencies, routes and ATC classes are the Ministry's;
of drugs and orders those that manual 3 and the sample lists print, the others follow their form.
"""
