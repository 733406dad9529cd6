"""Generates a Java class of actions, for rules in every language.

For every action the class has a method, annotated where openHAB is to list it, and a static twin with the actions object
as first argument, which is what Rules DSL calls. Every call ends in a `BiFunction` that gets "name/number of inputs", and the
inputs with the moment of the call (milliseconds) behind them. `setCallback` exchanges it, also for calls that wait for one
since `hold`; without one actions answer false or null. `run` takes the object from openHAB when no copy of the script has come
for it; that needs no Python.
"""

from __future__ import annotations

from collections.abc import Sequence

from openhab_twilio.actions.bytecode import OP, JavaClass, end_method
from openhab_twilio.java.jvm import JavaObject, jclass
from twilio_binding.protocol.actions import Kind, Overload

PACKAGE = "org.openhab.binding.twilio.internal.action."

_OBJECT = "Ljava/lang/Object;"
_STRING = "Ljava/lang/String;"
_FUNCTION = "java/util/function/BiFunction"
_FUTURE = "java/util/concurrent/CompletableFuture"
_ACTIONS = "org/openhab/core/thing/binding/ThingActions"
_HANDLER = "org/openhab/core/thing/binding/ThingHandler"
_REGISTRATION = "org/osgi/framework/ServiceRegistration"
_SCOPE = "Lorg/openhab/core/thing/binding/ThingActionsScope;"
_ANNOTATION = "Lorg/openhab/core/automation/annotation/{};"
_RESULTS: dict[Kind, str] = {"boolean": "Ljava/lang/Boolean;", "text": _STRING, "nothing": "V"}
_OUTPUTS: dict[Kind, str] = {"boolean": "java.lang.Boolean", "text": "java.lang.String"}


def emit(name: str, scope: str, actions: Sequence[Overload], patience: float) -> JavaObject:
    """The bytes of the class `name`; a call waits up to `patience` seconds for a callback."""
    made = JavaClass(name, [_ACTIONS, "java/lang/Runnable"])
    _annotate(made.made.visitAnnotation(_SCOPE, True), name=scope)
    made.field("handler", f"L{_HANDLER};")
    made.field("registration", f"L{_REGISTRATION};")
    made.field("way", f"L{_FUTURE};")
    _constructor(made)
    made.setter("setThingHandler", "handler", f"L{_HANDLER};")
    made.getter("getThingHandler", "handler", f"L{_HANDLER};")
    made.setter("setRegistration", "registration", f"L{_REGISTRATION};")
    made.getter("getRegistration", "registration", f"L{_REGISTRATION};")
    _hold(made)
    _set_callback(made)
    _run(made)
    _await(made, patience)
    _apply(made)
    for action in actions:
        _method(made, action)
        _static_twin(made, action)
    return made.end()


def _annotate(visitor: JavaObject, **values: object) -> None:
    for key, value in values.items():
        visitor.visit(key, value)
    visitor.visitEnd()


def _completed(method: JavaObject, made: JavaClass) -> None:
    """Emit `this.way = CompletableFuture.completedFuture(<top of the stack>)`, with `this` below."""
    method.visitMethodInsn(OP.INVOKESTATIC, _FUTURE, "completedFuture", f"({_OBJECT})L{_FUTURE};", False)
    method.visitFieldInsn(OP.PUTFIELD, made.own, "way", f"L{_FUTURE};")
    method.visitInsn(OP.RETURN)
    end_method(method)


def _constructor(made: JavaClass) -> None:
    method = made.begin_constructor()
    method.visitVarInsn(OP.ALOAD, 0)
    method.visitInsn(OP.ACONST_NULL)
    _completed(method, made)


def _hold(made: JavaClass) -> None:
    """Emit `this.way = new CompletableFuture()`: calls wait from now on."""
    method = made.begin("hold", "()V")
    method.visitVarInsn(OP.ALOAD, 0)
    method.visitTypeInsn(OP.NEW, _FUTURE)
    method.visitInsn(OP.DUP)
    method.visitMethodInsn(OP.INVOKESPECIAL, _FUTURE, "<init>", "()V", False)
    method.visitFieldInsn(OP.PUTFIELD, made.own, "way", f"L{_FUTURE};")
    method.visitInsn(OP.RETURN)
    end_method(method)


def _set_callback(made: JavaClass) -> None:
    """Emit a method that gives the callback to waiting and future calls."""
    method = made.begin("setCallback", f"(L{_FUNCTION};)V")
    made.load(method, "way", f"L{_FUTURE};")
    method.visitVarInsn(OP.ALOAD, 1)
    method.visitMethodInsn(OP.INVOKEVIRTUAL, _FUTURE, "complete", f"({_OBJECT})Z", False)
    method.visitInsn(OP.POP)
    method.visitVarInsn(OP.ALOAD, 0)
    method.visitVarInsn(OP.ALOAD, 1)
    _completed(method, made)


def _run(made: JavaClass) -> None:
    """Emit the end: no callback, no service of openHAB, and `run` of the handler, which leaves its thing."""
    method = made.begin("run", "()V")
    method.visitVarInsn(OP.ALOAD, 0)
    method.visitInsn(OP.ACONST_NULL)
    method.visitMethodInsn(OP.INVOKEVIRTUAL, made.own, "setCallback", f"(L{_FUNCTION};)V", False)
    made.load(method, "registration", f"L{_REGISTRATION};")
    method.visitMethodInsn(OP.INVOKEINTERFACE, _REGISTRATION, "unregister", "()V", True)
    made.load(method, "handler", f"L{_HANDLER};")
    method.visitTypeInsn(OP.CHECKCAST, "java/lang/Runnable")
    method.visitMethodInsn(OP.INVOKEINTERFACE, "java/lang/Runnable", "run", "()V", True)
    method.visitInsn(OP.RETURN)
    end_method(method)


def _await(made: JavaClass, patience: float) -> None:
    """Emit the callback of a way: `way.copy().completeOnTimeout(null, patience, MILLISECONDS).join()`."""
    method = made.begin("await", f"(L{_FUTURE};)L{_FUNCTION};", OP.ACC_PRIVATE + OP.ACC_STATIC)
    unit = "java/util/concurrent/TimeUnit"
    method.visitVarInsn(OP.ALOAD, 0)
    method.visitMethodInsn(OP.INVOKEVIRTUAL, _FUTURE, "copy", f"()L{_FUTURE};", False)
    method.visitInsn(OP.ACONST_NULL)
    # As text, because GraalPy versions convert Java's numbers differently.
    method.visitLdcInsn(str(round(patience * 1000)))
    method.visitMethodInsn(OP.INVOKESTATIC, "java/lang/Long", "parseLong", f"({_STRING})J", False)
    method.visitFieldInsn(OP.GETSTATIC, unit, "MILLISECONDS", f"L{unit};")
    method.visitMethodInsn(OP.INVOKEVIRTUAL, _FUTURE, "completeOnTimeout", f"({_OBJECT}JL{unit};)L{_FUTURE};", False)
    method.visitMethodInsn(OP.INVOKEVIRTUAL, _FUTURE, "join", f"(){_OBJECT}", False)
    method.visitTypeInsn(OP.CHECKCAST, _FUNCTION)
    method.visitInsn(OP.ARETURN)
    end_method(method)


def _apply(made: JavaClass) -> None:
    """Emit the call into Python: `callback == null ? null : callback.apply(signature, inputs)`."""
    descriptor = f"(L{_FUNCTION};{_OBJECT}{_OBJECT}){_OBJECT}"
    method = made.begin("apply", descriptor, OP.ACC_PRIVATE + OP.ACC_STATIC)
    method.visitVarInsn(OP.ALOAD, 0)
    there = jclass("org.objectweb.asm.Label")()
    method.visitJumpInsn(OP.IFNONNULL, there)
    method.visitInsn(OP.ACONST_NULL)
    method.visitInsn(OP.ARETURN)
    method.visitLabel(there)
    method.visitFrame(OP.F_SAME, 0, None, 0, None)
    for index in range(3):
        method.visitVarInsn(OP.ALOAD, index)
    method.visitMethodInsn(OP.INVOKEINTERFACE, _FUNCTION, "apply", f"({_OBJECT}{_OBJECT}){_OBJECT}", True)
    method.visitInsn(OP.ARETURN)
    end_method(method)

    method = made.begin("call", f"(L{_FUTURE};{_OBJECT}{_OBJECT}){_OBJECT}", OP.ACC_PRIVATE + OP.ACC_STATIC)
    method.visitVarInsn(OP.ALOAD, 0)
    method.visitMethodInsn(OP.INVOKESTATIC, made.own, "await", f"(L{_FUTURE};)L{_FUNCTION};", False)
    method.visitVarInsn(OP.ALOAD, 1)
    method.visitVarInsn(OP.ALOAD, 2)
    method.visitMethodInsn(OP.INVOKESTATIC, made.own, "apply", descriptor, False)
    method.visitInsn(OP.ARETURN)
    end_method(method)


def _descriptor(action: Overload, first: str = "") -> str:
    return f"({first}{_STRING * len(action.inputs)}){_RESULTS[action.kind]}"


def _method(made: JavaClass, action: Overload) -> None:
    method = made.made.visitMethod(OP.ACC_PUBLIC, action.name, _descriptor(action), None, None)
    if action.is_listed:
        _list(method, action)
    method.visitCode()
    made.load(method, "way", f"L{_FUTURE};")
    method.visitLdcInsn(f"{action.name}/{len(action.inputs)}")
    method.visitIntInsn(OP.BIPUSH, len(action.inputs) + 1)
    method.visitTypeInsn(OP.ANEWARRAY, "java/lang/Object")
    for index in range(len(action.inputs)):
        method.visitInsn(OP.DUP)
        method.visitIntInsn(OP.BIPUSH, index)
        method.visitVarInsn(OP.ALOAD, index + 1)
        method.visitInsn(OP.AASTORE)
    _put_moment(method, len(action.inputs))
    descriptor = f"(L{_FUTURE};{_OBJECT}{_OBJECT}){_OBJECT}"
    method.visitMethodInsn(OP.INVOKESTATIC, made.own, "call", descriptor, False)
    _return(method, action.kind)
    end_method(method)


def _put_moment(method: JavaObject, index: int) -> None:
    """Emit `array[index] = System.currentTimeMillis()`, with the array on the stack."""
    method.visitInsn(OP.DUP)
    method.visitIntInsn(OP.BIPUSH, index)
    method.visitMethodInsn(OP.INVOKESTATIC, "java/lang/System", "currentTimeMillis", "()J", False)
    method.visitMethodInsn(OP.INVOKESTATIC, "java/lang/Long", "valueOf", "(J)Ljava/lang/Long;", False)
    method.visitInsn(OP.AASTORE)


def _list(method: JavaObject, action: Overload) -> None:
    """Annotate a method, so that openHAB lists it in the UI and over REST."""
    visible = True
    labels = {"label": action.label, "description": action.description}
    _annotate(method.visitAnnotation(_ANNOTATION.format("RuleAction"), visible), **labels)
    if action.kind in _OUTPUTS:
        output = method.visitAnnotation(_ANNOTATION.format("ActionOutput"), visible)
        _annotate(output, type=_OUTPUTS[action.kind], label=action.output)
    for index, one in enumerate(action.inputs):
        parameter = method.visitParameterAnnotation(index, _ANNOTATION.format("ActionInput"), visible)
        words = {"name": one.name, "label": one.label, "description": one.description}
        _annotate(parameter, **words, type="java.lang.String", required=False)


def _return(method: JavaObject, kind: Kind) -> None:
    """Convert what Python returns to the promised type: anything but true becomes false, and no cast can fail."""
    static = False
    match kind:
        case "nothing":
            method.visitInsn(OP.POP)
            method.visitInsn(OP.RETURN)
        case "boolean":
            own = "java/lang/Boolean"
            method.visitFieldInsn(OP.GETSTATIC, own, "TRUE", f"L{own};")
            method.visitInsn(OP.SWAP)
            method.visitMethodInsn(OP.INVOKEVIRTUAL, own, "equals", f"({_OBJECT})Z", static)
            method.visitMethodInsn(OP.INVOKESTATIC, own, "valueOf", f"(Z)L{own};", static)
            method.visitInsn(OP.ARETURN)
        case "text":
            method.visitInsn(OP.ACONST_NULL)
            descriptor = f"({_OBJECT}{_STRING}){_STRING}"
            method.visitMethodInsn(OP.INVOKESTATIC, "java/util/Objects", "toString", descriptor, static)
            method.visitInsn(OP.ARETURN)


def _static_twin(made: JavaClass, action: Overload) -> None:
    descriptor = _descriptor(action, f"L{_ACTIONS};")
    method = made.begin(action.name, descriptor, OP.ACC_PUBLIC + OP.ACC_STATIC)
    method.visitVarInsn(OP.ALOAD, 0)
    method.visitTypeInsn(OP.CHECKCAST, made.own)
    for index in range(len(action.inputs)):
        method.visitVarInsn(OP.ALOAD, index + 1)
    method.visitMethodInsn(OP.INVOKEVIRTUAL, made.own, action.name, _descriptor(action), False)
    method.visitInsn(OP.RETURN if action.kind == "nothing" else OP.ARETURN)
    end_method(method)
