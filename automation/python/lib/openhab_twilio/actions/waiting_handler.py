"""Generates the handler that a thing has while the script reloads, because openHAB hides the actions of a thing without one.

It is Java alone, because no Python runs then. It does nothing; `run` takes it from its thing, if that still has it.
"""

from __future__ import annotations

from openhab_twilio.actions.bytecode import OP, JavaClass, end_method
from openhab_twilio.java.jvm import JavaObject, jclass

NAME = "org.openhab.binding.twilio.internal.WaitingHandler"
INTERFACE = "org.openhab.core.thing.binding.ThingHandler"
_HANDLER = "org/openhab/core/thing/binding/ThingHandler"
_THING = "org/openhab/core/thing/Thing"


def emit(interface: JavaObject) -> JavaObject:
    """The bytes of the class `NAME`, which has all methods of `interface` (the Class of `INTERFACE`)."""
    made = JavaClass(NAME, [_HANDLER, "java/lang/Runnable"])
    made.field("thing", f"L{_THING};")
    method = made.begin_constructor()
    method.visitInsn(OP.RETURN)
    end_method(method)
    made.setter("setThing", "thing", f"L{_THING};")
    made.getter("getThing", "thing", f"L{_THING};")
    _run(made)
    modifier, types = jclass("java.lang.reflect.Modifier"), jclass("org.objectweb.asm.Type")
    for declared in interface.getMethods():
        name = str(declared.getName())
        if modifier.isAbstract(declared.getModifiers()) and name != "getThing":
            _nothing(made, name, str(types.getMethodDescriptor(declared)))
    return made.end()


def _run(made: JavaClass) -> None:
    """Emit `if (thing.getHandler() == this) thing.setHandler(null)`."""
    method = made.begin("run", "()V")
    other = jclass("org.objectweb.asm.Label")()
    made.load(method, "thing", f"L{_THING};")
    method.visitMethodInsn(OP.INVOKEINTERFACE, _THING, "getHandler", f"()L{_HANDLER};", True)
    method.visitVarInsn(OP.ALOAD, 0)
    method.visitJumpInsn(OP.IF_ACMPNE, other)
    made.load(method, "thing", f"L{_THING};")
    method.visitInsn(OP.ACONST_NULL)
    method.visitMethodInsn(OP.INVOKEINTERFACE, _THING, "setHandler", f"(L{_HANDLER};)V", True)
    method.visitLabel(other)
    method.visitFrame(OP.F_SAME, 0, None, 0, None)
    method.visitInsn(OP.RETURN)
    end_method(method)


def _nothing(made: JavaClass, name: str, descriptor: str) -> None:
    """Emit a method that returns nothing."""
    method = made.begin(name, descriptor)
    kind = descriptor.rpartition(")")[2]
    if kind == "V":
        method.visitInsn(OP.RETURN)
    elif kind[0] in "L[":
        method.visitInsn(OP.ACONST_NULL)
        method.visitInsn(OP.ARETURN)
    else:
        method.visitInsn(OP.ICONST_0)  # all other results are booleans or small integers
        method.visitInsn(OP.IRETURN)
    end_method(method)
